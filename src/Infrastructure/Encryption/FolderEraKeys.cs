using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Era keys as files for their owner's eyes only, each twice: in the folders <c>1</c> and <c>2</c>, which may be on different
/// disks. What one of them has lost is copied from the other. Nodes that share the folder find the same keys.
/// </summary>
internal sealed class FolderEraKeys : EraKeys
{
    private const string Beginning = "eventfiles-era-key-1 ";
    private const int SumBytes = 8;
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // How often a key id that nobody knows may make us look into the folder.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    // Of a key that was destroyed: what one replica still has is not copied back to the other.
    private const string Gone = ".gone";

    // In each replica since it was made. An empty folder that its disk is not mounted on has none.
    private const string Mark = "replica";

    private readonly string[] replicas;
    private readonly EraJournal journal;
    private readonly bool mayMake;
    private readonly Lock gate = new();
    private ImmutableSortedDictionary<string, EraKey> byName = ImmutableSortedDictionary.Create<string, EraKey>(StringComparer.Ordinal);
    private DateTime lookedAt;

    public FolderEraKeys(string folder, bool mayMake)
    {
        Place = Path.GetFullPath(folder);
        this.mayMake = mayMake;
        replicas = [Path.Combine(Place, "1"), Path.Combine(Place, "2")];
        journal = new EraJournal(replicas);
        // Before anything is copied from one to the other: those that were made before there were marks.
        if (!replicas.Any(IsMarked) && replicas.All(replica => Directory.Exists(replica) && Directory.EnumerateFiles(replica, "*.key").Any()))
            Array.ForEach(replicas, TryMark);
        Look();
    }

    public override string Place { get; }

    internal override bool CanRenew => true;

    internal override EraKey? Current => byName.IsEmpty ? null : byName.Last().Value;

    internal override EraKey? Find(Guid id)
    {
        if (Known(id) is { } known)
            return known;
        lock (gate)
        {
            if (DateTime.UtcNow - lookedAt < LookAgain)
                return null;
        }

        Look();
        return Known(id);
    }

    internal override void Refresh() => Look();

    internal override void CheckReplicas()
    {
        if ((replicas.Any(IsMarked) || Current is not null) && Array.Find(replicas, replica => !IsMarked(replica)) is { } absent)
        {
            throw new IOException(
                $"{absent} is not the replica that there was: is its disk mounted? A key that is still on it would not be destroyed. If it is replaced for good, put an empty file named {Mark} into it.");
        }
    }

    internal override EraKey? Make() => mayMake ? New() : null;

    internal override EraKey? Renew(IReadOnlyCollection<Guid> used)
    {
        Look();
        return Current is { } unused && !used.Contains(unused.Id) ? unused : New();
    }

    // Overwritten before it is removed: on most disks nothing is left then, on some (which write elsewhere) it may be.
    internal override bool Destroy(Guid id)
    {
        Look();
        lock (gate)
        {
            foreach (var (name, _) in byName.Where(one => one.Value.Id == id).ToList())
            {
                foreach (var replica in replicas)
                {
                    Directory.CreateDirectory(replica, OwnersFolder);
                    using (var mark = new FileStream(Path.Combine(replica, name + Gone), FileMode.OpenOrCreate, System.IO.FileAccess.Write))
                        mark.Flush(flushToDisk: true);
                    DurableWrites.FlushDirectory(replica);
                }

                byName = byName.Remove(name);
            }

            KillPoint.Reach("rotation.marked");
            // Also what was marked by a run that was killed then.
            foreach (var file in replicas.Where(Directory.Exists).SelectMany(replica => Directory.EnumerateFiles(replica, "*.key"))
                .Where(file => IsGone(Path.GetFileName(file))).ToList())
            {
                using (var old = new FileStream(file, FileMode.Open, System.IO.FileAccess.Write))
                {
                    old.Write(RandomNumberGenerator.GetBytes((int)old.Length));
                    old.Flush(flushToDisk: true);
                }

                File.Delete(file);
                DurableWrites.FlushDirectory(Path.GetDirectoryName(file)!);
            }
        }

        return true;
    }

    internal override IEnumerable<EraKey?> EachReplica(Guid id) => replicas.Select(replica => Directory.Exists(replica)
        ? Directory.EnumerateFiles(replica, "*.key").Select(Read).FirstOrDefault(key => key?.Id == id)
        : null);

    internal override IReadOnlyDictionary<Guid, DestroyedEntry> ReadJournal() => journal.Read();

    internal override void WriteJournal(DestroyedEntry entry) => journal.Write(entry);

    private EraKey New()
    {
        lock (gate)
        {
            var (name, key) = ($"{Guid.CreateVersion7()}.key", new EraKey(RandomNumberGenerator.GetBytes(EraKey.Bytes)));
            var isFirst = byName.IsEmpty && !replicas.Any(IsMarked);
            foreach (var replica in replicas)
            {
                Write(replica, name, key);
                if (isFirst)
                    File.Create(Path.Combine(replica, Mark)).Dispose();
            }

            byName = byName.Add(name, key);
            return key;
        }
    }

    private EraKey? Known(Guid id) => byName.Values.FirstOrDefault(key => key.Id == id);

    private void Look()
    {
        lock (gate)
        {
            lookedAt = DateTime.UtcNow;
            // Another process may have destroyed one.
            byName = byName.RemoveRange(byName.Keys.Where(IsGone).ToList());
            var names = replicas.Where(Directory.Exists).SelectMany(replica => Directory.EnumerateFiles(replica, "*.key"))
                .Select(file => Path.GetFileName(file)).Distinct(StringComparer.Ordinal).Where(name => !byName.ContainsKey(name) && !IsGone(name));
            foreach (var name in names.ToList())
            {
                var copies = replicas.Select(replica => (replica, Key: Read(Path.Combine(replica, name)))).ToList();
                if (copies.Find(copy => copy.Key is not null).Key is not { } key)
                    continue;
                foreach (var (replica, _) in copies.Where(copy => copy.Key is null))
                    TryWrite(replica, name, key);
                byName = byName.Add(name, key);
            }
        }
    }

    private static bool IsMarked(string replica) => File.Exists(Path.Combine(replica, Mark));

    private bool IsGone(string name) => replicas.Any(replica => File.Exists(Path.Combine(replica, name + Gone)));

    private static void TryMark(string replica)
    {
        try
        {
            File.Create(Path.Combine(replica, Mark)).Dispose();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Whoever rotates writes there, and is told.
        }
    }

    // A folder that is only there to be read does as well.
    private static void TryWrite(string replica, string name, EraKey key)
    {
        try
        {
            Write(replica, name, key);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The other copy serves.
        }
    }

    private static EraKey? Read(string file)
    {
        try
        {
            var text = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
            var bytes = text.StartsWith(Beginning, StringComparison.Ordinal) ? Convert.FromBase64String(text[Beginning.Length..]) : [];
            return bytes.Length == EraKey.Bytes + SumBytes && Sum(bytes.AsSpan(0, EraKey.Bytes)).AsSpan().SequenceEqual(bytes.AsSpan(EraKey.Bytes))
                ? new EraKey(bytes[..EraKey.Bytes])
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Write(string replica, string name, EraKey key)
    {
        Directory.CreateDirectory(replica, OwnersFolder);
        var draft = Path.Combine(replica, name + ".draft");
        File.Delete(draft);
        using (var file = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = System.IO.FileAccess.Write,
            UnixCreateMode = OwnersFile,
        }))
        {
            file.Write(Encoding.ASCII.GetBytes(Beginning + Convert.ToBase64String([.. key.Key, .. Sum(key.Key)]) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path.Combine(replica, name), overwrite: true);
        DurableWrites.FlushDirectory(replica);
        DurableWrites.FlushDirectory(Path.GetDirectoryName(replica)!);
    }

    private static byte[] Sum(ReadOnlySpan<byte> key) => SHA256.HashData(key)[..SumBytes];
}
