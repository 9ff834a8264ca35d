using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EventFiles.Infrastructure.Children;

/// <summary>What .NET does not offer of Linux's processes.</summary>
internal static partial class Posix
{
    private const int Kill9 = 9;
    private const int FileTooLarge = 25;
    private const int Ignore = 1;
    private const int CpuLimit = 0;
    private const int FileLimit = 1;
    private const uint MayBeSealed = 2;
    private const int AddSeals = 1033;
    private const int AllSeals = 15;
    private const int ThisThread = 0;

    /// <summary>Kills one process, or with a negative number a whole process group. One that is gone is no error.</summary>
    public static void Kill(int process) => _ = Kill(process, Kill9);

    /// <summary>On Linux niceness belongs to the thread, and what the thread starts inherits it.</summary>
    public static void LowerThisThread(int niceness) => _ = SetPriority(0, ThisThread, niceness);

    /// <summary>This process dies when its processor time, all told, reaches this many seconds.</summary>
    public static void LimitCpu(ulong seconds)
    {
        // The hard limit stays: a limit that is to be raised before the next job must not be lowered for good.
        if (GetLimit(CpuLimit, out var limit) == 0)
            _ = SetLimit(CpuLimit, limit with { Soft = Math.Min(seconds, limit.Hard) });
    }

    /// <summary>
    /// Writing beyond the limit on file size becomes an error instead of death, here and in what is started from here:
    /// liborc tries to make a file for its machine code, and takes plain memory when it cannot.
    /// </summary>
    public static void SurviveFileLimit() => _ = Signal(FileTooLarge, Ignore);

    /// <summary>Files may be written until <see cref="ForbidFiles"/>, where the one that started this process left room for it.</summary>
    public static void AllowFiles()
    {
        if (GetLimit(FileLimit, out var limit) == 0)
            _ = SetLimit(FileLimit, limit with { Soft = limit.Hard });
    }

    /// <summary>No file may be written.</summary>
    public static void ForbidFiles()
    {
        if (GetLimit(FileLimit, out var limit) == 0)
            _ = SetLimit(FileLimit, limit with { Soft = 0 });
    }

    /// <summary>A file in memory that what is started from here inherits.</summary>
    /// <exception cref="IOException">There is none to be had.</exception>
    public static SafeFileHandle CreateMemoryFile() =>
        CreateMemoryFile("original", MayBeSealed) is >= 0 and var handle
            ? new SafeFileHandle(handle, ownsHandle: true)
            : throw new IOException("There is no file in memory.");

    /// <summary>The file stays as it is, for everybody.</summary>
    public static void Seal(SafeFileHandle file)
    {
        if (Control((int)file.DangerousGetHandle(), AddSeals, AllSeals) != 0)
            throw new IOException("The file in memory cannot be sealed.");
    }

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(ulong Soft, ulong Hard);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);
}
