"""The archive, by DIMSE and DICOMweb: the only room that may open a socket. No Qt."""
