using System.Text;

namespace EventFiles.Features.Zip;

/// <summary>
/// What entries are called within one folder of an archive: a name that every tool on every system can make a file of,
/// and that no other entry has there. A name that is so already stays as it is.
/// </summary>
internal sealed class ZipNames
{
    private const string Forbidden = "<>:\"/\\|?*";

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(port => new[] { $"COM{port}", $"LPT{port}" })],
        StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>A name like this one; takes it.</summary>
    public string Take(string name)
    {
        var safe = Safe(name);
        var free = safe;
        for (var number = 1; !taken.Add(EntryName.Key(free)); number++)
            free = EntryName.Numbered(safe, number);
        return free;
    }

    /// <summary>Without what would be a way to somewhere else, or no name at all.</summary>
    public static string Safe(string name)
    {
        var safe = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
            safe.Append(Rune.IsControl(rune) || (rune.IsAscii && Forbidden.Contains((char)rune.Value)) ? "_" : rune.ToString());
        // Windows takes dots and spaces at the end for nothing: "a." would be "a", and ".. " the folder above.
        if (safe.Length == 0 || safe[^1] is '.' or ' ')
            safe.Append('_');
        var text = safe.ToString();
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return Devices.Contains((dot < 0 ? text : text[..dot]).TrimEnd()) ? "_" + text : text;
    }
}
