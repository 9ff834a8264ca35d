namespace EventFiles.Features.Vocabulary;

/// <summary>Draws texts as pictures that a camera reads (ISO/IEC 18004, byte mode, correction level M).</summary>
public interface IQrCodes
{
    /// <summary>The text as an SVG document: black on white, one unit for a module, with the margin of four modules that readers need.</summary>
    /// <param name="text">An address, as a rule: up to 2,331 bytes in UTF-8.</param>
    /// <exception cref="ArgumentException">The text is longer.</exception>
    string Draw(string text);
}
