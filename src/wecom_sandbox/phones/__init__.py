"""Phones one can hold: customers' WeChat and clerks' WeCom in a browser, side by side."""
