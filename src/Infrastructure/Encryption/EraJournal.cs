using System.Globalization;
using System.Text;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>The journal as a file in each replica's folder: one line for each person, added and never changed.</summary>
internal sealed class EraJournal(IReadOnlyList<string> replicas)
{
    private const string Name = "destroyed";

    private readonly Lock gate = new();

    /// <summary>By person; what one replica has lost the other tells. A line that is cut off is none.</summary>
    public IReadOnlyDictionary<Guid, DestroyedEntry> Read()
    {
        lock (gate)
        {
            var all = new Dictionary<Guid, DestroyedEntry>();
            foreach (var file in replicas.Select(replica => Path.Combine(replica, Name)).Where(File.Exists))
            {
                foreach (var line in File.ReadLines(file))
                {
                    if (line.Split(' ') is [var subject, var id, var era, "."] && Id(subject) is { } whose)
                        all[whose] = new DestroyedEntry(whose, Id(id), Id(era));
                }
            }

            return all;
        }
    }

    /// <summary>Adds a line, durably, to each.</summary>
    public void Write(DestroyedEntry entry)
    {
        var line = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{entry.Subject} {Text(entry.Id)} {Text(entry.Era)} .\n"));
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

    private static string Text(Guid? id) => id?.ToString() ?? "-";

    private static Guid? Id(string text) => Guid.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : null;
}
