using System.Diagnostics;

namespace EventFiles.Infrastructure.Children;

/// <summary>One run of a program of ffmpeg, inside the child's own sandbox; no shell reads anything.</summary>
internal sealed class MediaTool(string program, IReadOnlyList<string> arguments)
{
    private const int Crash = 128;
    private const int OutOfCpu = Crash + 24;
    private const int MaxComplaintLines = 200;

    public static ChildReply Corrupt => ChildReply.Failed("corrupt", "The file is damaged or incomplete.");

    /// <summary>All that it says, at most so much; or null and why.</summary>
    public NativeBytes? Run(int maxBytes, out ChildReply? refusal)
    {
        NativeBytes? said = null;
        var isEmpty = true;
        refusal = Run(output =>
        {
            said = NativeBytes.ReadToEnd(output, maxBytes, cuts: false, out _);
            isEmpty = said is null or { Content.Length: 0 };
        });
        if (refusal is null && isEmpty)
            refusal = Corrupt;
        if (refusal is null)
            return said;
        said?.Dispose();
        return null;
    }

    /// <summary>Hands over what it says as it comes.</summary>
    /// <param name="feed">Tells it what it reads; null when that is a file.</param>
    /// <returns>Why not all of it came; or null.</returns>
    public ChildReply? Run(Action<Stream> take, Action<Stream>? feed = null)
    {
        // The limit on files is not to be raised again by what runs there.
        using var tool = Process.Start(new ProcessStartInfo("prlimit", ["--fsize=0", "--nofile=64", program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Thread? feeding = null;
        if (feed is null)
            tool.StandardInput.Close();
        else
            (feeding = new Thread(() => Feed(tool.StandardInput.BaseStream, feed))).Start();
        var lacksMemory = false;
        var complaints = new Thread(() => lacksMemory = Listen(tool.StandardError));
        complaints.Start();
        take(tool.StandardOutput.BaseStream);
        // It is not waited for what it goes on to say.
        tool.StandardOutput.Close();
        tool.WaitForExit();
        complaints.Join();
        feeding?.Join();
        return tool.ExitCode switch
        {
            0 => null,
            OutOfCpu => ChildReply.Failed("too-slow", "Reading it takes longer than is allowed."),
            _ when lacksMemory => ChildReply.Failed("too-hungry", "Reading it takes more memory than is allowed."),
            > Crash => ChildReply.Failed("crashed", "The file breaks the program that reads it."),
            _ => Corrupt,
        };
    }

    private static void Feed(Stream input, Action<Stream> feed)
    {
        try
        {
            feed(input);
            input.Close();
        }
        catch (IOException)
        {
            // It wants no more.
        }
    }

    private static bool Listen(StreamReader errors)
    {
        var lacksMemory = false;
        for (var lines = 0; errors.ReadLine() is { } line; lines++)
            lacksMemory |= lines < MaxComplaintLines && line.Contains("Cannot allocate memory", StringComparison.Ordinal);
        return lacksMemory;
    }
}
