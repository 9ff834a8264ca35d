using System.Collections.Immutable;
using static EventFiles.Features.Zip.ZipEvent;

namespace EventFiles.Features.Zip;

/// <summary>A selection, as it is kept for whoever made it.</summary>
public sealed record ZipView(ArchiveId Id, AccountId Owner, ImmutableArray<ZipItem> Items, DateTimeOffset Until);

internal static class ZipProjection
{
    /// <summary>By archive id.</summary>
    public static Projection<ZipView> Define() => new Projection<ZipView>("archives")
        .On<Selected>(selected => selected.Archive.ToString(), (_, selected, happened) =>
            new ZipView(selected.Archive, happened.Stream.Tenant, selected.Items, selected.Until));
}
