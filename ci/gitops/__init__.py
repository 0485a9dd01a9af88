"""Renders Applications offline as Argo CD would, checks what comes out, and shows what a change does: `make gitops`."""
