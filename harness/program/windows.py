"""What only Windows has: job objects, Ctrl-C for another console, a console that takes escapes.

A job object with KILL_ON_JOB_CLOSE ends every process in it when its last handle is closed, which
the system does when the grader ends, however it ends. A real Ctrl-C reaches a process only through
its console, so the program gets a hidden console of its own and a helper attaches to it.
Source: Microsoft, "Job Objects" and "GenerateConsoleCtrlEvent".
"""

from __future__ import annotations

import subprocess
import sys

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes
    from typing import TextIO

    CREATION_FLAGS = subprocess.CREATE_NEW_CONSOLE
    _KILL_ON_JOB_CLOSE = 0x2000
    _EXTENDED_LIMITS = 9
    _ESCAPES = 0x0004  # ENABLE_VIRTUAL_TERMINAL_PROCESSING

    class _BasicLimits(ctypes.Structure):
        _fields_ = (
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        )

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        )

    def hidden_console() -> subprocess.STARTUPINFO:
        """Start-up settings that keep the program's own console window out of sight."""
        startup = subprocess.STARTUPINFO()
        startup.dwFlags |= subprocess.STARTF_USESHOWWINDOW
        startup.wShowWindow = subprocess.SW_HIDE
        return startup

    class Job:
        """A job object that holds one program and everything it starts."""

        def __init__(self, process: subprocess.Popen[bytes]) -> None:
            kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            kernel.CreateJobObjectW.restype = wintypes.HANDLE
            self._kernel = kernel
            self._job: wintypes.HANDLE | None
            self._job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
            kernel.SetInformationJobObject(
                self._job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            handle = wintypes.HANDLE(int(process._handle))  # type: ignore[attr-defined]
            kernel.AssignProcessToJobObject(self._job, handle)

        def end(self) -> None:
            """Kill every process of the job and let go of it; once it is gone, nothing."""
            job, self._job = self._job, None
            if job is not None:
                self._kernel.TerminateJobObject(job, 1)
                self._kernel.CloseHandle(job)

    def understands_escapes(stream: TextIO) -> bool:
        """Whether the console behind ``stream`` takes escape sequences, asked to do so just now.

        The console of Windows before 10 cannot (Microsoft, "SetConsoleMode").
        """
        kernel, mode = ctypes.WinDLL("kernel32"), wintypes.DWORD()
        try:
            console = wintypes.HANDLE(msvcrt.get_osfhandle(stream.fileno()))
        except OSError:
            return False
        has_mode = kernel.GetConsoleMode(console, ctypes.byref(mode))
        return bool(has_mode and kernel.SetConsoleMode(console, mode.value | _ESCAPES))

    def allow_ctrl_c() -> None:
        """Let the programs that this process starts get Ctrl-C, whoever started this process.

        A process in a group of its own (CREATE_NEW_PROCESS_GROUP) ignores Ctrl-C, and its children
        inherit that (Microsoft, "SetConsoleCtrlHandler").
        """
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(None, False)

    _CTRL_C = """
import ctypes, sys
kernel = ctypes.windll.kernel32
kernel.FreeConsole()
if not kernel.AttachConsole(int(sys.argv[1])):
    sys.exit(1)
kernel.SetConsoleCtrlHandler(None, True)
sys.exit(0 if kernel.GenerateConsoleCtrlEvent(0, 0) else 1)
"""

    def press_ctrl_c(pid: int) -> bool:
        """Press Ctrl-C in the console of process ``pid``; False when it could not be reached."""
        helper = [sys.executable, "-c", _CTRL_C, str(pid)]
        return subprocess.run(helper, check=False, capture_output=True).returncode == 0
