"""Environments in DynamoDB."""
