using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFiles.Client;

/// <summary>
/// What a command tells: results on standard output, all else on the error output. There, on a terminal, the last line shows
/// how far all transfers are; elsewhere a plain line says so from time to time.
/// </summary>
internal sealed class Display : IDisposable
{
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    // One object is one line; letters stay letters.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock alone = new();
    private readonly bool isJson;
    private readonly bool isQuiet;
    private readonly bool isTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
    private ProgressLine? progress;
    private Timer? timer;
    private bool isDrawn;

    public Display(bool isJson, bool isQuiet) => (this.isJson, this.isQuiet) = (isJson, isQuiet);

    /// <summary>Shows from now on how far transfers are.</summary>
    public void Watch(Meter meter)
    {
        if (isQuiet)
            return;
        progress = new ProgressLine(meter);
        var pause = isTerminal ? BetweenDrawings : BetweenLines;
        timer = new Timer(_ => Draw(), null, pause, pause);
    }

    /// <summary>A result: an object for machines, or a line for people, of which quiet ones want none.</summary>
    public void Result(object machine, string line)
    {
        if (isJson)
            Print(JsonSerializer.Serialize(machine, Json));
        else if (!isQuiet)
            Print(Clean(line));
    }

    /// <summary>What was asked for and is printed also for quiet people, such as a list.</summary>
    public void Answer(object machine, params IReadOnlyList<string> lines) =>
        Print(isJson ? JsonSerializer.Serialize(machine, Json) : string.Join('\n', lines.Select(Clean)));

    public void Error(string what, NotDoneException why)
    {
        lock (alone)
        {
            Erase();
            Console.Error.WriteLine(Clean(what.Length > 0 ? $"{what}: {why.Message}" : why.Message));
        }
    }

    /// <summary>Something that people should know.</summary>
    public void Note(string line)
    {
        lock (alone)
        {
            Erase();
            if (!isQuiet)
                Console.Error.WriteLine(Clean(line));
        }
    }

    /// <summary>Says that whoever stopped it can go on.</summary>
    public void Stopped()
    {
        lock (alone)
        {
            Erase();
            Console.Error.WriteLine(progress is null
                ? "Stopped." : "Stopped. What was transferred is kept: the same command goes on from there.");
        }
    }

    public void Dispose()
    {
        timer?.Dispose();
        lock (alone)
        {
            Erase();
            progress = null;
        }
    }

    /// <summary>Without what a terminal would obey: names come from others.</summary>
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(Rune.IsControl(rune) || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) ? new Rune('?') : rune);
        return clean.ToString();
    }

    private void Print(string line)
    {
        lock (alone)
        {
            Erase();
            Console.Out.WriteLine(line);
        }
    }

    private void Draw()
    {
        lock (alone)
        {
            if (progress?.Next() is not { } line)
                return;
            if (!isTerminal)
            {
                Console.Error.WriteLine(line);
                return;
            }

            var width = Console.WindowWidth is > 0 and var columns ? columns - 1 : 79;
            Console.Error.Write($"\r\e[2K{(line.Length > width ? line[..width] : line)}");
            isDrawn = true;
        }
    }

    private void Erase()
    {
        if (isDrawn)
            Console.Error.Write("\r\e[2K");
        isDrawn = false;
    }
}
