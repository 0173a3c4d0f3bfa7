"""A program that stands in for WeCom (企业微信) on one machine."""
