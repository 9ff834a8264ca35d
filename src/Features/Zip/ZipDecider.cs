using System.Diagnostics;
using static EventFiles.Features.Zip.ZipCommand;
using static EventFiles.Features.Zip.ZipEvent;

namespace EventFiles.Features.Zip;

/// <summary>Whether it has been selected.</summary>
public sealed record ZipState(bool Exists);

public static class ZipDecider
{
    public static readonly Decider<ZipCommand, ZipState, ZipEvent> Decider = new(
        new ZipState(false), (_, _) => new ZipState(true), Decide);

    public static StreamId StreamOf(ArchiveId archive, AccountId owner) => new($"zip-{archive}", owner);

    private static Decision<ZipEvent> Decide(ZipState zip, ZipCommand ask, DateTimeOffset now) => ask switch
    {
        Select when zip.Exists => Decision<ZipEvent>.AlreadySo,
        Select select => new Selected(select.Archive, select.Items, select.Until),
        _ => throw new UnreachableException(),
    };
}

public static class ZipRejection
{
    public static readonly Rejection Missing = new(
        "zip.not-found", RejectionKind.Missing, "There is no such archive, or its time is over.");

    public static readonly Rejection TooMany = new(
        "zip.too-many", RejectionKind.TooLarge, "That is more than 100,000 files and folders: download them in parts.");
}
