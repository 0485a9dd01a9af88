"""The market day that `marketday demo` plays."""
