"""The operator's live page."""
