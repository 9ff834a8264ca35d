using System.Reflection;

namespace EventFiles.Infrastructure.Children;

/// <summary>How the children that make pictures are started, and what they may use up.</summary>
/// <param name="FileName">The program: our own, or <c>dotnet</c>.</param>
/// <param name="Arguments">What makes the program run <see cref="PictureChild.Run"/> on its standard streams.</param>
public sealed record ChildOptions(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>How many children work at once, and how many more at what takes long.</summary>
    public int Children { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>A child is replaced after so many jobs: a leak or a corrupted heap does not live for ever.</summary>
    public int JobsPerChild { get; init; } = 200;

    /// <summary>A child that nobody needed for so long is stopped.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>One job's time on the clock; then the child and all it started is killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One job's processor time, in seconds.</summary>
    public int CpuSeconds { get; init; } = 20;

    /// <summary>Writable memory of each process in a child, in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>The largest original that is taken whole. Of a larger video so much is: its beginning and its end.</summary>
    public long MaxInputBytes { get; init; } = 256L << 20;

    /// <summary>The largest video of which beginning and end are taken.</summary>
    public long MaxVideoBytes { get; init; } = 1L << 40;

    /// <summary>The largest sound that is listened to as it flows by.</summary>
    public long MaxSoundBytes { get; init; } = 4L << 30;

    /// <summary>The largest picture that is taken back.</summary>
    public int MaxOutputBytes { get; init; } = 32 << 20;

    /// <summary>Width times height of the largest picture that is decoded.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>
    /// Encloses children with bubblewrap where it runs. Without, they still have no network where the account may say so,
    /// and all limits, but they see the file system.
    /// </summary>
    public bool UsesBubblewrap { get; init; } = true;

    /// <summary>The program that is running, started once more with these arguments.</summary>
    public static ChildOptions OfThisProgram(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(program) is "dotnet"
            ? new(program, [Assembly.GetEntryAssembly()!.Location, .. arguments])
            : new(program, [.. arguments]);
    }
}
