"""The resources that a drop needs, and their cost: forecast, sizes, prices."""
