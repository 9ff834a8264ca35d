using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Files;

/// <summary>Looks into a file that gets another owner, and passes on its name, its place and its versions' labels.</summary>
internal sealed class HandedFiles(IStreams streams, IFiles files) : IHandedFiles, IHandsOverFiles
{
    public async Task<IReadOnlyList<LoggedVersion>> Versions(FileId file, CancellationToken cancel)
    {
        var versions = new SortedDictionary<int, LoggedVersion>();
        await foreach (var happened in streams.ReadMerged([$"upload-{file}", $"version-{file}"], cancel))
        {
            switch (happened.Fact)
            {
                case UploadEvent.Completed made:
                    versions[made.Version] = new LoggedVersion(
                        made.Version, made.Upload, made.ContentType, made.SizeBytes, made.Sha256, made.StoredAs, "");
                    break;
                case UploadEvent.Reinstated again:
                    versions[again.Version] = new LoggedVersion(
                        again.Version, again.Upload, again.ContentType, again.SizeBytes, again.Sha256, again.StoredAs, "");
                    break;
                case UploadEvent.HandedOver handed:
                    foreach (var one in handed.Versions)
                        versions[one.Version] = new LoggedVersion(
                            one.Version, one.Upload, one.ContentType, one.SizeBytes, one.Sha256, one.StoredAs, one.Label);
                    break;
                case VersionEvent.Labelled labelled when versions.TryGetValue(labelled.Version, out var one):
                    versions[labelled.Version] = one with { Label = labelled.Label };
                    break;
                case VersionEvent.Unlabelled unlabelled when versions.TryGetValue(unlabelled.Version, out var one):
                    versions[unlabelled.Version] = one with { Label = "" };
                    break;
                case VersionEvent.Deleted deleted:
                    versions.Remove(deleted.Version);
                    break;
            }
        }

        return [.. versions.Values];
    }

    public async Task<bool> WentTo(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesDecider.StreamOf(file, owner), FilesDecider.Decider)).Owner == owner;

    public Task<Rejection?> Leave(ITransaction transaction, AccountId owner, FileId file, string name) => transaction.Decide(
        FilesDecider.StreamOf(file, owner), FilesDecider.Decider,
        new FilesCommand.Place(file, FolderId.RootOf(owner), name, new Placement(0, default, ""), OnlyIfUnchanged: false));

    // The bytes were written anew from what the log told then; this fails when it tells something else by now.
    public async Task<Rejection?> HandOver(ITransaction transaction, FileHandover what)
    {
        if (await files.IsGoing(transaction, what.Former, what.File))
            return AccessRejection.NoSuchFile;
        var made = await transaction.Load(VersionsMade.StreamOf(what.File, what.Owner), VersionsMade.Decider);
        var state = await transaction.Load(VersionDecider.StreamOf(what.File, what.Owner), VersionDecider.Decider);
        var kept = made.All.Where(version => !state.Deleted.Contains(version.Key))
            .Select(version => (version.Key, version.Value.StoredAs)).ToHashSet();
        // A label that only a former owner's key opened was told anew since.
        var labels = state.Labels.Where(label => label.Value != PersonalAttribute.Erased);
        return !kept.SetEquals(what.Contents.Select(content => (content.Version, content.Before)))
            || labels.Any(label => !what.Contents.Any(content => content.Version == label.Key && content.Label == label.Value))
            ? HandoverRejections.Changed
            : await transaction.Decide(
                FilesDecider.StreamOf(what.File, what.Owner), FilesDecider.Decider,
                new FilesCommand.HandOver(what.File, what.Folder, what.Name, what.Former, what.Owner));
    }
}
