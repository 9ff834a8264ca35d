namespace EventFiles.Features.Audit;

/// <summary>From where somebody's requests came. Stored for ever: add cases, never change one.</summary>
public abstract record AddressEvent
{
    private AddressEvent() { }

    /// <summary>The first change that came from there.</summary>
    /// <param name="Number">What events are told apart by, in their headers: which of the person's addresses they came from. From 1 on.</param>
    /// <param name="Address">A network address; of IPv6 the first half, for everybody has all of the rest.</param>
    public sealed record Noted(int Number, [Personal] string Address) : AddressEvent;
}
