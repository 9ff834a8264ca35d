using static EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Delete;

/// <summary>A file that lies in the trash, as the list keeps it; its name and size are looked up when it is shown.</summary>
public sealed record TrashEntry(FileId Id, AccountId Owner, DateTimeOffset TrashedAt);

internal static class DeleteProjection
{
    /// <summary>What lies in an account's trash, by when it was thrown away.</summary>
    public static string TrashOf(AccountId owner) => $"trash:{owner}";

    /// <summary>By file id.</summary>
    public static Projection<TrashEntry> Define() => new Projection<TrashEntry>("trash")
        .On<Trashed>(trashed => trashed.File.ToString(), (_, trashed, happened) =>
            new TrashEntry(trashed.File, happened.Stream.Tenant, happened.At))
        .On<Restored>(restored => restored.File.ToString(), (_, _, _) => null)
        .On<Requested>(requested => requested.File.ToString(), (_, _, _) => null)
        .Indexed(entry => [new IndexEntry(TrashOf(entry.Owner), IndexEntry.Time(entry.TrashedAt))]);
}
