namespace EventFiles.Features.Scan;

/// <summary>Why what was scanned is scanned again. Stored for ever: add cases, never change one.</summary>
public abstract record RescanEvent
{
    private RescanEvent() { }

    /// <summary>The scanner has other signatures from here on: what was scanned before, with others, is scanned again.</summary>
    public sealed record SignaturesSeen(string Signatures) : RescanEvent;

    /// <summary>An operator wants everything looked at again that was scanned before.</summary>
    /// <param name="OnlyOlder">Not what was scanned with the scanner's signatures of now.</param>
    public sealed record Ordered(bool OnlyOlder) : RescanEvent;
}
