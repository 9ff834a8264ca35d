using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>Keys for private rows, which follow from the keys of persons.</summary>
/// <param name="isOn">Whether what is written is sealed. What is sealed is read in any case.</param>
internal sealed class SubjectPrivateKeys(SubjectKeys keys, DestroyedKeys journal, bool isOn) : PrivateKeys
{
    internal override async ValueTask<PrivateSeal> ToSeal(AccountId tenant, CancellationToken cancel) =>
        // Without encryption there is no key to be without, and no look at the journal: the account is closed.
        !isOn ? PrivateSeal.Plain
        : await keys.UnlessErased(tenant, cancel) is { } key ? PrivateSeal.Under(key.Private)
        : PrivateSeal.Erased;

    internal override async ValueTask<IReadOnlyDictionary<Guid, PrivateKey?>> ToOpen(IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        (await keys.Find(ids, cancel)).ToDictionary(one => one.Key, one => one.Value?.Private);

    internal override async ValueTask<IReadOnlySet<FileId>> ErasedFiles(CancellationToken cancel) => await journal.Files(cancel);

    internal override Task Prepare(CancellationToken cancel) => journal.Apply(cancel);
}
