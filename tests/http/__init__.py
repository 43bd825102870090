"""modelreg_cli/http"""
