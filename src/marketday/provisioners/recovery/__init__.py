"""Brings the mall and the money of its drops back in another region after one was lost."""
