"""The sources' server: three ArcGIS layers and Malibu's four lists, from one data folder."""
