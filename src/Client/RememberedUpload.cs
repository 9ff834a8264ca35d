namespace EventFiles.Client;

/// <summary>What all uploads have in common: they are remembered until they are over.</summary>
internal static class RememberedUpload
{
    /// <summary>Sends what is not there yet.</summary>
    /// <param name="kind">Of uploads, which are remembered apart.</param>
    /// <param name="send">Gives the file that it became, and how many bytes were there already.</param>
    /// <exception cref="NotDoneException">The file was not taken, and why.</exception>
    public static async Task<Uploaded> Run(
        string kind, ServerConnection server, Meter meter, LocalFile local, Destination to,
        Func<ResumeFile<BegunUpload>, MeterShare, Task<(string FileId, long ResumedAt)>> send, CancellationToken cancel)
    {
        using var resume = ResumeFile<BegunUpload>.Open(
            kind, server.Address.ToString(), server.Account, local.Path, local.SizeBytes.ToString(CultureInfo.InvariantCulture),
            local.ModifiedAt.ToString("O", CultureInfo.InvariantCulture), to.FolderId, to.Name, to.OnConflict, to.FileId ?? "");
        var share = meter.Begin(local.SizeBytes);
        try
        {
            var (fileId, resumedAt) = await send(resume, share);
            var sha256 = resume.Value!.Sha256;
            resume.Forget();
            return new Uploaded(await server.Get<FileReply>($"api/files/{fileId}", cancel), sha256, resumedAt);
        }
        catch (NotDoneException refused) when (refused.ExitCode is ExitCodes.Refused or ExitCodes.NotFound)
        {
            resume.Forget();
            share.GiveUp();
            throw;
        }
    }
}
