"""modelreg_cli/weights"""
