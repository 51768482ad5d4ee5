"""Renderings of plans and analyses for people: HTML, Markdown, terminal."""
