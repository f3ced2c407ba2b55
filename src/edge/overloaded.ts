/** Too much of it is under way already, or it is out: whoever asked can ask again in a moment, and is told so. */
export class Overloaded extends Error {
  override readonly name = "Overloaded";
}
