using System.Runtime.CompilerServices;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// What is in the bucket, as the database knows it; and what is there though the database knows nothing of it: of a database
/// that was restored, of a request that arrived after all, of somebody else.
/// </summary>
internal sealed class S3Listing(S3Calls calls, S3Names names, ObjectRows rows)
{
    /// <inheritdoc cref="IObjects.List"/>
    public async IAsyncEnumerable<StoredObject> List(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        // First what grows: one that is sealed meanwhile is then seen twice and not missed.
        foreach (var one in await rows.Growing(prefix, cancel))
            yield return new StoredObject(one.Key, one.SizeBytes, one.StoredAt);
        await foreach (var page in calls.List(names.Beginning(prefix), cancel))
        {
            foreach (var one in await Judge(page, cancel))
                yield return one;
        }
    }

    /// <summary>Names of a key that the database does not know. They never come to mean anything, so they may go.</summary>
    public async IAsyncEnumerable<StoredName> Unknown(ObjectKey key, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in calls.List(names.AllOf(key), cancel))
        {
            foreach (var (name, write) in page.Select(one => (one, names.Read(one.Name).Write)))
            {
                if (write is { } id && (await rows.Known([id], cancel)).Count == 0)
                    yield return name;
            }
        }
    }

    private async Task<List<StoredObject>> Judge(List<StoredName> page, CancellationToken cancel)
    {
        var read = page.Where(one => one.Name != names.Owner).Select(one => (Stored: one, Means: names.Read(one.Name))).ToList();
        var known = (await rows.Known([.. read.Select(one => one.Means.Write).OfType<Guid>().Distinct()], cancel))
            .ToDictionary(row => row.Write);
        var found = new List<StoredObject>();
        foreach (var (stored, (key, write, piece)) in read)
        {
            if (write is { } id && known.TryGetValue(id, out var row))
            {
                if (row.State == "sealed" && row.Piece == piece)
                    found.Add(new StoredObject(row.Key, row.SizeBytes, row.StoredAt));
            }
            else if (write is null || await calls.Find(stored.Name, cancel) is not null)
            {
                // A row comes before the name and goes after it: one that is still there had none.
                found.Add(new StoredObject(key, stored.SizeBytes, stored.ModifiedAt));
            }
        }

        return found;
    }
}
