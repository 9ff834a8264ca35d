using System.Globalization;
using System.Text;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>The journal as a file in each replica's folder: one line for each person or file, added and never changed.</summary>
internal sealed class EraJournal(IReadOnlyList<string> replicas)
{
    private const string Name = "destroyed";

    private readonly Lock gate = new();

    /// <summary>By person or file; what one replica has lost the other tells. A line that is cut off is none.</summary>
    public IReadOnlyDictionary<Guid, DestroyedEntry> Read()
    {
        lock (gate)
        {
            var all = new Dictionary<Guid, DestroyedEntry>();
            foreach (var file in replicas.Select(replica => Path.Combine(replica, Name)).Where(File.Exists))
            {
                foreach (var line in File.ReadLines(file))
                {
                    if (Entry(line.Split(' ')) is { } entry)
                        all[entry.Subject] = entry;
                }
            }

            return all;
        }
    }

    /// <summary>Adds a line, durably, to each.</summary>
    public void Write(DestroyedEntry entry)
    {
        var line = Encoding.ASCII.GetBytes(entry.Owner is { } owner
            ? $"file {entry.Subject} {Text(entry.Era)} {owner} .\n"
            : $"{entry.Subject} {Text(entry.Id)} {Text(entry.Era)} .\n");
        lock (gate)
        {
            foreach (var replica in replicas)
            {
                Directory.CreateDirectory(replica, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                using var file = new FileStream(Path.Combine(replica, Name), new FileStreamOptions
                {
                    Mode = FileMode.Append,
                    Access = System.IO.FileAccess.Write,
                    Share = FileShare.ReadWrite,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
                file.Write(line);
                file.Flush(flushToDisk: true);
                DurableWrites.FlushDirectory(replica);
            }
        }
    }

    private static DestroyedEntry? Entry(string[] words) => words switch
    {
        ["file", var which, var era, var owner, "."] when Id(which) is { } subject && Id(owner) is { } whose =>
            new DestroyedEntry(subject, null, Id(era), whose),
        [var who, var id, var era, "."] when Id(who) is { } subject => new DestroyedEntry(subject, Id(id), Id(era)),
        _ => null,
    };

    private static string Text(Guid? id) => id?.ToString() ?? "-";

    private static Guid? Id(string text) => Guid.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : null;
}
