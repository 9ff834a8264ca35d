using System.Text.Json;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.LogFiles;

namespace EventFiles.Host.Commands;

/// <summary>What files and folders refuse, as an operator and a machine hear it.</summary>
internal static class Refusals
{
    /// <summary>Runs a command; a refusal is told with its code, on the error output and, in JSON, on the output too.</summary>
    /// <returns>The command's exit code; 1 when it was refused.</returns>
    /// <exception cref="EmbeddedException">A file cannot be read or written.</exception>
    public static async Task<int> Tell(bool json, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (LogRefusedException refused)
        {
            if (json)
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    new { code = refused.Code, line = (refused as LogFileException)?.Line, detail = refused.Message }, JsonSerializerOptions.Web));
            }

            await Console.Error.WriteLineAsync($"{refused.Code}: {refused.Message}");
            return 1;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedException(failure.Message);
        }
    }
}
