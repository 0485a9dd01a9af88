"""What the worker and the controller do again and again: the loops, their pace, and the lock of the one that acts."""
