"""What a drop will need, and what that costs: forecast, sizes, prices."""
