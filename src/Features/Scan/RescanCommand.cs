namespace EventFiles.Features.Scan;

public abstract record RescanCommand
{
    private RescanCommand() { }

    /// <summary>Notes with what the scanner looks now.</summary>
    public sealed record SeeSignatures(string Signatures) : RescanCommand;

    /// <summary>Wants everything looked at again.</summary>
    public sealed record Order(bool OnlyOlder) : RescanCommand;
}
