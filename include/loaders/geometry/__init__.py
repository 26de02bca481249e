"""Esri JSON geometries to WKB in longitude and latitude, a page at a time.

Formats: https://developers.arcgis.com/rest/services-reference/enterprise/geometry-objects/
"""
