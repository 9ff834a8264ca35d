namespace EventFiles.Infrastructure.LogFiles;

/// <summary>A log or a backup cannot be written to that place, or not be read from it.</summary>
/// <param name="code">Stable, for machines: <c>log-file.reason</c>.</param>
/// <param name="detail">For an operator.</param>
public abstract class LogRefusedException(string code, string detail) : Exception(detail)
{
    public string Code => code;
}

/// <summary>The file is not what was written.</summary>
/// <param name="line">From 1.</param>
public sealed class LogFileException(string code, long line, string why)
    : LogRefusedException(code, FormattableString.Invariant($"Line {line} {why}"))
{
    /// <summary>A line is not as it was written.</summary>
    public const string Damaged = "log-file.damaged";

    /// <summary>Lines are missing, doubled or moved.</summary>
    public const string Disordered = "log-file.disordered";

    /// <summary>The file ends before its manifest.</summary>
    public const string CutOff = "log-file.cut-off";

    /// <summary>No log file, or one of another program's format.</summary>
    public const string OtherFormat = "log-file.other-format";

    /// <summary>A line is as it was written, and this program can do nothing with the event in it.</summary>
    public const string UnknownEvent = "log-file.unknown-event";

    public long Line => line;
}

/// <summary>The file is in order and cannot be used for this all the same.</summary>
public sealed class LogTransferException(string code, string detail) : LogRefusedException(code, detail)
{
    public const string OtherOrder = "log-file.other-order";
    public const string OtherLog = "log-file.other-log";
    public const string BeyondTheEnd = "log-file.beyond-the-end";
    public const string NotFromTheBeginning = "log-file.not-from-the-beginning";
    public const string StoreNotEmpty = "log-file.store-not-empty";
    public const string OtherImport = "log-file.other-import";
}
