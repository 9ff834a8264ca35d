namespace EventFiles.Features.Export;

public abstract record ExportCommand
{
    private ExportCommand() { }

    public sealed record Request(ExportId Export, DateTimeOffset Until, DateTimeOffset NextFrom) : ExportCommand;

    public sealed record Note(ExportId Export, int Percent, DateTimeOffset Until) : ExportCommand;

    public sealed record Complete(ExportId Export, ExportFigures Figures, DateTimeOffset ExpiresAt) : ExportCommand;

    /// <summary>It is over, for that reason.</summary>
    public sealed record End(ExportId Export, ExportEnd Reason) : ExportCommand;

    /// <summary>Its time may be over.</summary>
    public sealed record Lapse(ExportId Export) : ExportCommand;
}

/// <summary>What an export has come to.</summary>
public sealed record ExportFigures(
    Guid Attempt, long Position, int Files, int Versions, int Withheld, long SizeBytes, string ManifestSha256);
