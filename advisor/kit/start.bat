@echo off
rem Times the model in this folder on this computer (Windows) and leaves M.json beside this file.
cd /d "%~dp0"
set "fits=import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
for %%v in (3.13 3.12 3.11) do (
  py -%%v -c "%fits%" >nul 2>nul && (py -%%v program\start.py & goto end)
)
python -c "%fits%" >nul 2>nul && (python program\start.py & goto end)
echo The test needs Python 3.11, 3.12 or 3.13, and this computer has none of them. Install it, then start again.
:end
pause
