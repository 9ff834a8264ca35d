using System.Text;
using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>A view that is not what it must be.</summary>
/// <param name="Seed">Of the history whose account the view's events belong to; null when it is nobody's.</param>
/// <param name="Between">What was compared.</param>
/// <param name="One">As the first shows it; null for no view.</param>
/// <param name="Events">All that tell of it, in order.</param>
internal sealed record Difference(
    int? Seed, string Projection, string Key, string Between, ShownView? One, ShownView? Other,
    IReadOnlyList<RecordedEvent> Events)
{
    public override string ToString()
    {
        var paths = JsonPaths.Between(Bytes(One), Bytes(Other));
        return $"""
            {Between} differ. Seed {Seed}, projection {Projection}, key {Key}.
            One:   {Side(One)}
            Other: {Side(Other)}
            Differing: {(paths.Count == 0 ? "one side has no view" : string.Join(' ', paths))}
            Events of the key:
            {string.Join('\n', Events.Select(happened => $"  {happened.Position} {happened.Name} in {happened.Stream}"))}
            """;
    }

    private static byte[]? Bytes(ShownView? view) => view is { Json.Length: > 0 } ? Encoding.UTF8.GetBytes(view.Json) : null;

    private string Side(ShownView? view) => view is null
        ? "no view"
        : $"""
            {(view.Json.Length > 0 ? view.Json : "no view, only places")}
                made by {Events.FirstOrDefault(happened => happened.Position == view.Position)?.Name ?? "?"} at {view.Position}
                {view.Places.Replace("\n", "\n    ", StringComparison.Ordinal)}
            """;
}
