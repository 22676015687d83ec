"""Files: which ones a source reads, and how each format is read and written."""
