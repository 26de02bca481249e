"""The sources' server: the ArcGIS layers and JSON lists, from one data folder."""
