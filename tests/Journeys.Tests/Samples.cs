namespace EventFiles.Journeys.Tests;

/// <summary>The sample files that the project ships.</summary>
internal static class Samples
{
    public static byte[] Picture { get; } = Read("Dusk over the hills.jpg");

    public static byte[] Transparent { get; } = Read("Flower.png");

    public static byte[] Pdf { get; } = Read("What happened to a file.pdf");

    public static byte[] Text { get; } = Read("Notes.txt");

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Server.Root, "samples", name));
}
