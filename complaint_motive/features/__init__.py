"""What is read out of a text: characters, words, cues, facts; nothing here knows a label."""
