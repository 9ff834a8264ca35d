using System.Security.Cryptography;
using System.Text;
using EventFiles.Verify;

namespace EventFiles.Witness;

/// <summary>The program, for those who look at what it is made of.</summary>
public static class WitnessProgram;

/// <summary>One checkpoint of each log, each in a file. It is on the disk before anybody hears of it.</summary>
internal sealed class WitnessMemory : IDisposable
{
    private readonly string folder;
    private readonly FileStream taken;
    private readonly Lock gate = new();

    /// <summary>What is remembered in a folder.</summary>
    /// <exception cref="IOException">Another witness remembers in this folder.</exception>
    public WitnessMemory(string folder)
    {
        this.folder = folder;
        taken = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public WitnessAnswer Exchange(string origin, Func<Checkpoint?, (WitnessAnswer Answer, Checkpoint? Next)> decide)
    {
        var path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin))) + ".checkpoint");
        lock (gate)
        {
            // What cannot be read is not nothing: without what it remembers a witness would sign anything.
            var latest = !File.Exists(path) ? null
                : Checkpoint.Read(File.ReadAllText(path)) ?? throw new InvalidOperationException($"{path} is not what was written.");
            var (answer, next) = decide(latest);
            if (next is not null)
                Keep(path, next);
            return answer;
        }
    }

    public void Dispose() => taken.Dispose();

    private static void Keep(string path, Checkpoint next)
    {
        var draft = path + ".draft";
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(next.Note.Text + "\n" + string.Concat(
                next.Note.Signatures.Select(one => $"— {one.Name} {Convert.ToBase64String(one.Raw)}\n"))));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
