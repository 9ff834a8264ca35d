namespace EventFiles.Infrastructure.Past;

/// <summary>What the events of one stretch of the log changed in a projection's lists.</summary>
internal sealed class PlaceChanges
{
    private readonly List<ClosedPlace> closed = [];
    private readonly List<OpenedPlace> passed = [];
    private readonly Dictionary<PlaceInPast, OpenedPlace> open = [];

    /// <summary>Places that were taken before the stretch and left in it.</summary>
    public IReadOnlyList<ClosedPlace> Closed => closed;

    /// <summary>Places that were taken in the stretch.</summary>
    public IReadOnlyList<OpenedPlace> Opened => [.. passed, .. open.Values];

    /// <summary>An event made these places of a group those.</summary>
    /// <param name="isHandedOver">The group has got another owner: what stays is taken anew, under their name.</param>
    public void Add(HashSet<PlaceInPast> before, HashSet<PlaceInPast> after, string group, RecordedEvent happened, bool isHandedOver)
    {
        var stays = isHandedOver ? [] : before.Intersect(after).ToHashSet();
        foreach (var place in before.Except(stays))
        {
            if (open.Remove(place, out var taken))
                passed.Add(taken with { To = happened.Position });
            else
                closed.Add(new ClosedPlace(place, happened.Position));
        }

        foreach (var place in after.Except(stays))
            open.Add(place, new OpenedPlace(place, happened.Position, null, group, happened.Stream.Tenant));
    }
}
