using System.Globalization;
using FileAccess = System.IO.FileAccess;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>
/// Where puts are written until they are durable: several directories, since creating and renaming lock theirs.
/// </summary>
internal sealed class IncomingFiles
{
    private const int Lanes = 64;

    private int puts;

    public IncomingFiles(string folder)
    {
        Folder = folder;
        for (var lane = 0; lane < Lanes; lane++)
            Directory.CreateDirectory(Lane(lane));
    }

    public string Folder { get; }

    /// <summary>A path that nobody has used.</summary>
    public string Next() =>
        Path.Combine(Lane(Interlocked.Increment(ref puts) & (Lanes - 1)), Guid.NewGuid().ToString("n"));

    /// <summary>Removes what a process left behind that died while writing it.</summary>
    public void Sweep()
    {
        foreach (var left in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            try
            {
                // A put holds its file's lock.
                using var mine = File.OpenHandle(left, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                File.Delete(left);
            }
            catch (IOException)
            {
                // Another process is writing it, or has just renamed it.
            }
        }
    }

    private string Lane(int number) => Path.Combine(Folder, number.ToString("x2", CultureInfo.InvariantCulture));
}
