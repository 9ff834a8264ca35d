using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Backups;

/// <summary>Brings a backup's objects in line with the log, and lists them.</summary>
internal sealed class ObjectCopies(BackupFolder folder, ILoggedObjects logged, IObjects objects, Action<BackupProgress> progress)
{
    private const int PageSize = 64;
    private const int AtOnce = 8;

    private long copiedBytes;

    /// <summary>Copies what stood when the log ended there and is not here, and writes the list of all of it.</summary>
    /// <param name="former">A list of what was here before; null when there is none.</param>
    /// <param name="isTrusted">Whether what that list names was read by this command; else it is read and compared.</param>
    /// <param name="upto">The log's end; <see cref="long.MaxValue"/> for now.</param>
    public async Task<WrittenList> Run(string? former, bool isTrusted, long upto, string name, CancellationToken cancel)
    {
        var file = folder.Draft(name);
        var written = new WrittenList(file);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var known = new FormerList(former, cancel);
        await using var lines = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = System.IO.FileAccess.Write,
            UnixCreateMode = BackupFolder.OwnersFile,
        });
        await foreach (var page in logged.Upto(upto, cancel).Chunk(PageSize).WithCancellation(cancel))
        {
            var pairs = new List<(LoggedObject Told, BackedObject? Before)>();
            foreach (var told in page)
                pairs.Add((told, await known.Of(told)));
            var here = new BackedObject?[page.Length];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, page.Length), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
                async (at, stop) => here[at] = isTrusted && pairs[at].Before is { Damage: null } before
                    ? before : await Bring(pairs[at].Told, pairs[at].Before, stop));
            foreach (var one in here)
            {
                if (one is null)
                {
                    written.HasMoved = true;
                    continue;
                }

                var line = BackupFolder.Line(one);
                digest.AppendData(line);
                await lines.WriteAsync(line, cancel);
                written.Add(one);
            }

            progress(new BackupProgress("objects", written.Objects, Interlocked.Read(ref copiedBytes)));
        }

        lines.Flush(flushToDisk: true);
        written.Sha256 = Convert.ToHexStringLower(digest.GetCurrentHash());
        return written;
    }

    /// <summary>Sees to it that the object is here, as the log tells of it.</summary>
    /// <returns>Null when the log tells otherwise by now.</returns>
    private async Task<BackedObject?> Bring(LoggedObject told, BackedObject? before, CancellationToken cancel)
    {
        var one = new BackedObject(told.Key, told.Position, told.SizeBytes, told.Sha256 ?? before?.Sha256 ?? "", null) { Owner = told.Owner };
        if (one.Sha256.Length > 0
            && (await ObjectReading.Of(folder.Objects, one.KeyHere, one.SizeBytes, one.Sha256, null, cancel)).Damage is null)
        {
            return one;
        }

        var (damage, sha256) = await Copy(told, one.KeyHere, cancel);
        if (damage is null)
            return one with { Sha256 = sha256 };
        // Asked after the look: whoever deletes a file for good says so before its bytes go.
        return await logged.HasChanged(told, cancel) ? null : one with { Sha256 = "", Damage = damage };
    }

    private async Task<(ObjectDamage? Damage, string Sha256)> Copy(LoggedObject told, ObjectKey to, CancellationToken cancel)
    {
        SealedObject copied;
        // What cannot be read is one object's misfortune; what cannot be written ends the backup.
        var reading = new ReadFailures(() => objects.Open(told.Key, cancel));
        await using (reading)
        {
            try
            {
                if (!await reading.Open())
                    return (ObjectDamage.Missing, "");
                copied = await folder.Objects.Put(to, reading, cancel);
            }
            catch (Exception) when (reading.HasFailed)
            {
                return (ObjectDamage.Unreadable, "");
            }
        }

        var damage = copied.SizeBytes != told.SizeBytes ? ObjectDamage.WrongSize
            : told.Sha256 is { } sha256 && copied.Sha256 != sha256 ? (ObjectDamage?)ObjectDamage.WrongDigest
            : null;
        if (damage is not null)
            await folder.Objects.Delete(to, cancel);
        Interlocked.Add(ref copiedBytes, copied.SizeBytes);
        return (damage, copied.Sha256);
    }
}

/// <summary>A list as it was written.</summary>
internal sealed class WrittenList(string file)
{
    public string File => file;

    public long Objects { get; private set; }

    public long Bytes { get; private set; }

    public long Damaged { get; private set; }

    /// <summary>Whether an object could not be had because the log has gone on.</summary>
    public bool HasMoved { get; set; }

    public string Sha256 { get; set; } = "";

    public void Add(BackedObject one)
    {
        (Objects, Bytes, Damaged) = one.Damage is null ? (Objects + 1, Bytes + one.SizeBytes, Damaged) : (Objects, Bytes, Damaged + 1);
    }
}
