using System.Data.Common;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Tells that there is no room where something was to be written: on a disk of this machine, or on the database's. Nobody who
/// asked is to blame, and it passes when somebody has made room.
/// </summary>
public static class FullDisk
{
    // ENOSPC and EDQUOT: .NET gives the system's own numbers where it has no exception of its own.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    // What databases say of it, by the SQL standard's kind of codes.
    private const string DiskFull = "53100";

    /// <summary>Whether that is why it failed.</summary>
    public static bool IsWhy(Exception? failure) => failure switch
    {
        null => false,
        DbException { SqlState: DiskFull } => true,
        IOException { HResult: NoSpaceLeft or QuotaExceeded } => true,
        _ => IsWhy(failure.InnerException),
    };
}
