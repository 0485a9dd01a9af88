"""A load client in processes of its own: `python -m bench.load` is one of them, `start.py` is what starts them."""
