namespace EventFiles.Features.Vocabulary;

/// <summary>Sends mail. Whoever asks is a piece of work: a mail server may be away for hours.</summary>
public interface IMail
{
    /// <summary>Whether there is a server to send by.</summary>
    bool IsOn { get; }

    /// <summary>Completes when the server has taken it.</summary>
    /// <returns>False when the server will never take it: there is no such mailbox.</returns>
    /// <exception cref="TransientException">The server is away, or does not take it now.</exception>
    Task<bool> Send(Mail mail, CancellationToken cancel);
}

/// <summary>A mail of plain text to one person.</summary>
/// <param name="Id">The same each time the same mail is sent: who receives it twice sees it once.</param>
/// <param name="To">An e-mail address.</param>
/// <param name="Subject">One line, without a word that a stranger chose.</param>
/// <param name="Text">Lines with line feeds between them.</param>
public sealed record Mail(Guid Id, string To, string Subject, string Text);

/// <summary>
/// Seals what others carry or keep for us, so that nobody else can read or make it. Nodes of one installation open what
/// any of them has sealed.
/// </summary>
public interface ISeals
{
    /// <summary>In the URL's alphabet; a different text each time.</summary>
    /// <param name="purpose">What was sealed for one purpose is not opened for another.</param>
    string Seal(string purpose, string text);

    /// <summary>Null when it is not one of ours.</summary>
    string? Open(string purpose, string sealedText);
}
