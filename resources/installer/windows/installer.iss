; Inno Setup: for one user without administrator rights, or with /ALLUSERS for the machine. build.py
; passes Version, Frozen (the frozen app's folder) and Icon. Silent: /VERYSILENT /SUPPRESSMSGBOXES
; [/ALLUSERS]. Uninstalling leaves records and settings, which are in the users' own folders.

#define Name "Braintumor Desktop"
#define Program "braintumor-desktop.exe"

[Setup]
AppId={{6E1B2B8C-6C4C-4A53-9D0B-6B0C7C5A7B41}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The Braintumor Desktop developers
; Not {autopf}: for one user it asks for a known folder that Wine 8 does not have. On Windows this is it.
DefaultDirName={code:ProgramFolder}\{#Name}
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes
Compression=lzma2
SolidCompression=yes
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\{#Program}
OutputBaseFilename=braintumor-desktop-{#Version}-setup
WizardStyle=modern

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\{#Program}"

[Registry]
; Offered under "Open with": the default program stays what the user has chosen.
Root: HKA; Subkey: "Software\Classes\BraintumorDesktop.Slice"; ValueType: string; ValueData: "MRI slice"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\BraintumorDesktop.Slice\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program},0"
Root: HKA; Subkey: "Software\Classes\BraintumorDesktop.Slice\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" open ""%1"""
Root: HKA; Subkey: "Software\Classes\.dcm\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.dicom\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.png\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.jpg\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.jpeg\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.bmp\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.tif\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.tiff\OpenWithProgids"; ValueType: string; ValueName: "BraintumorDesktop.Slice"; Flags: uninsdeletevalue

[Code]
function ProgramFolder(Param: String): String;
begin
  if IsAdminInstallMode then
    Result := ExpandConstant('{commonpf}')
  else
    Result := ExpandConstant('{localappdata}\Programs');
end;
