"""Copy, verify and promote the orders of a drop into the mall, with a signed receipt."""
