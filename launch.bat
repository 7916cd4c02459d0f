@echo off
rem Finds a Python and hands over to launch.py, which does the rest.
cd /d "%~dp0"
where py >nul 2>nul && (py -3 launch.py %* & goto ended)
where python >nul 2>nul && (python launch.py %* & goto ended)
echo Python 3.11 or newer is needed:  winget install Python.Python.3.13
exit /b 1
:ended
set code=%errorlevel%
rem A double-clicked window would close before the reason could be read.
if not "%code%"=="0" if "%~1"=="" pause
exit /b %code%
